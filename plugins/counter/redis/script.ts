// The script that Redis runs for every batch of asks: all of them against one state, so that no two gateways are given the
// same. Used by ../redis.ts.

/** Arguments of one ask. The milliseconds are those of a sliding window, or until a calendar's period ends. */
export type Arguments = readonly [
  kind: string, limit: number, want: number, back: number, mark: number, over: number, period: number, ms: number,
]

/** Milliseconds after which a gateway that says nothing no longer runs what it held. */
export const OWNER_LIFE = 30_000

/** Milliseconds after which a calendar's period is forgotten: clocks that differ a little must agree on the one before. */
const OLD = 40 * 86_400_000

/**
 * KEYS: one for each ask, behind the set of gateways. ARGV: the gateway's name, then the arguments of each ask. Answers with
 * granted, left, resetIn, mark and goodFor of each, as texts; the times are those of sliding windows.
 *
 * A count is a hash from marks to amounts. One of what runs at once is a hash from gateways to amounts, where each gateway
 * says how much it holds (`back`) instead of how that changed: an answer that was lost changes nothing.
 */
export const SCRIPT = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local stretches = 10
local me = ARGV[1]
local answers = {}
local text = function(number) return string.format('%.0f', number) end
redis.call('ZADD', KEYS[1], now + ${OWNER_LIFE}, me)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', text(now))
for i = 2, #KEYS do
  local key = KEYS[i]
  local at = 2 + (i - 2) * 8
  local kind, limit, want, back = ARGV[at], tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3])
  local mark, over, period, ms = ARGV[at + 4], tonumber(ARGV[at + 5]), ARGV[at + 6], tonumber(ARGV[at + 7])
  local counted = redis.call('HGETALL', key)
  local sum, current, reset, good = over, period, 0, 0
  if kind == 'held' then
    sum = back
    for n = 1, #counted, 2 do
      local owner = counted[n]
      if owner ~= me then
        if redis.call('ZSCORE', KEYS[1], owner) then sum = sum + tonumber(counted[n + 1]) else redis.call('HDEL', key, owner) end
      end
    end
  else
    local stretch = 0
    if kind == 'sliding' then
      stretch = math.floor(now * stretches / ms)
      current = text(stretch)
      good = (stretch + 2) * ms / stretches - now
    end
    local oldest = nil
    for n = 1, #counted, 2 do
      local field, amount = counted[n], tonumber(counted[n + 1])
      local number = tonumber(field)
      if field == mark and back > 0 then
        amount = math.max(0, amount - back)
        redis.call('HSET', key, field, text(amount))
      end
      local over_and_done = (kind == 'sliding' and number + stretches + 2 <= stretch) or (kind == 'calendar' and number < tonumber(period) - ${OLD})
      if over_and_done or amount == 0 then
        redis.call('HDEL', key, field)
      elseif kind ~= 'calendar' or field == period then
        sum = sum + amount
        if not oldest or number < oldest then oldest = number end
      end
    end
    if kind == 'sliding' and oldest then reset = (oldest + stretches + 2) * ms / stretches - now end
  end
  local granted = math.max(0, math.min(want, limit - sum))
  if kind == 'held' then
    if back + granted > 0 then redis.call('HSET', key, me, text(back + granted)) else redis.call('HDEL', key, me) end
    redis.call('PEXPIRE', key, ${OWNER_LIFE} * 2)
  elseif granted + over > 0 then
    redis.call('HINCRBY', key, current, text(granted + over))
    if kind == 'sliding' then redis.call('PEXPIRE', key, text(ms * 2)) end
    if kind == 'calendar' then redis.call('PEXPIRE', key, text(ms + 86400000)) end
  end
  answers[#answers + 1] = text(granted)
  answers[#answers + 1] = text(math.max(0, limit - sum - granted))
  answers[#answers + 1] = text(math.ceil(reset))
  answers[#answers + 1] = current
  answers[#answers + 1] = text(math.floor(good))
end
return answers
`
