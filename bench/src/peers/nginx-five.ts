import { removablePrefix } from '../load/load.ts'
import { allowedOrigin, hugeRate } from './five-middlewares.ts'

/**
 * What five middlewares of Gatewright do, as nginx does it: clients by address, CORS, a rate, a
 * response field, and a prefix that the upstream does not see. It cannot tell clients how much of
 * their rate is left.
 */
export const fiveDirectives: { readonly http: string; readonly location: string } = {
  http: `
  allow 127.0.0.0/8;
  deny all;
  map $http_origin $allowed_origin {
    default "";
    "${allowedOrigin}" $http_origin;
  }
  add_header Access-Control-Allow-Origin $allowed_origin;
  add_header Vary Origin;
  limit_req_zone $binary_remote_addr zone=five:10m rate=${hugeRate}r/s;
  limit_req zone=five burst=${hugeRate} nodelay;
  add_header X-Frame-Options DENY;
  proxy_set_header X-Forwarded-Prefix ${removablePrefix};`,
  location: `location ${removablePrefix}/ { proxy_pass http://app/; }`,
}
