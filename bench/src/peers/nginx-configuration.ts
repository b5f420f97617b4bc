/** Directives that keep nginx inside of a folder, so that it needs no rights outside of it. */
export function nginxFolders(home: string): { readonly main: string; readonly http: string } {
  // Workers of a master that runs as root would otherwise be somebody who may not enter the folder.
  const user = process.getuid?.() === 0 ? '\nuser root;' : ''
  const kinds = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  return {
    main: `daemon off;${user}
worker_processes 1;
worker_rlimit_nofile 20000;
pid ${home}/nginx.pid;
error_log stderr crit;`,
    http: kinds.map((kind) => `${kind}_temp_path ${home}/${kind};`).join('\n  '),
  }
}
