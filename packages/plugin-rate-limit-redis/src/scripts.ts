/**
 * What runs in Redis: one script for a decision, so that no other gateway comes in between, and on
 * the clock of Redis, so that the clocks of gateways need not agree. Each does what the meter of
 * the same name in `plugin-rate-limit` does, in microseconds.
 *
 * KEYS: where the state is. ARGV: how much may come at once, rate, period, cost. Returns whether it
 * is allowed (1 or 0), how much is left, when all is there again, when to ask again.
 *
 * @module
 */

const prelude = `
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local limit, rate = tonumber(ARGV[1]), tonumber(ARGV[2])
local period, cost = tonumber(ARGV[3]), tonumber(ARGV[4])
local needed = math.min(cost, limit)
local function text(number) return string.format('%.17g', number) end
`

/** A state that has expired decides like one that is full or empty again, so a second is enough. */
const epilogue = `
redis.call('PEXPIRE', KEYS[1], text(math.ceil(reset / 1000) + 1000))
return { allowed and 1 or 0, left, math.ceil(reset), math.ceil(retry) }
`

const tokenBucket = `${prelude}
local state = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens = tonumber(state[1]) or limit
local elapsed = math.max(0, now - (tonumber(state[2]) or now))
local speed = rate / period
tokens = math.min(limit, tokens + elapsed * speed)
local missing = needed - tokens
local allowed = missing <= 0.000001
if allowed then tokens = math.max(0, tokens - needed) end
redis.call('HSET', KEYS[1], 'tokens', text(tokens), 'at', text(now))
local left = math.floor(tokens + 0.000001)
local reset = (limit - tokens) / speed
local retry = allowed and 0 or missing / speed
${epilogue}`

const slidingWindow = `${prelude}
local state = redis.call('HMGET', KEYS[1], 'window', 'current', 'previous')
local window = math.floor(now / period)
local at = tonumber(state[1]) or window
local current, previous = tonumber(state[2]) or 0, tonumber(state[3]) or 0
if window == at + 1 then
  current, previous = 0, current
elseif window > at then
  current, previous = 0, 0
end
window = math.max(window, at)
local elapsed = math.max(0, now - window * period)
local before = previous * (1 - elapsed / period)
local allowed = before + current + needed <= limit + 0.000001
local retry = 0
if allowed then
  current = current + needed
elseif current <= limit - needed then
  retry = (1 - (limit - needed - current) / previous) * period - elapsed
else
  retry = (1 - (limit - needed) / current) * period + period - elapsed
end
redis.call('HSET', KEYS[1], 'window', text(window), 'current', text(current), 'previous', text(previous))
local left = math.max(0, math.floor(limit - before - current + 0.000001))
local reset = 0
if current > 0 then
  reset = 2 * period - elapsed
elseif previous > 0 then
  reset = period - elapsed
end
${epilogue}`

/** By the algorithm that a block names. */
export const scripts = { 'token-bucket': tokenBucket, 'sliding-window': slidingWindow } as const
