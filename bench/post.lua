-- One request for wrk: the body is in the file named first, names and values of headers follow. At the end, what wrk
-- saw as one line of JSON. Called by bench/load.ts.
function init(args)
  local file = assert(io.open(args[1], 'rb'))
  wrk.body = file:read('*a')
  file:close()
  wrk.method = 'POST'
  for i = 2, #args, 2 do wrk.headers[args[i]] = args[i + 1] end
end

function done(summary, latency)
  local e = summary.errors
  io.write(string.format('{"requests":%d,"seconds":%.6f,"mean":%.3f,"p50":%.3f,"p99":%.3f,"failed":%d}\n',
    summary.requests - e.status, summary.duration / 1e6, latency.mean / 1e3, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    e.connect + e.read + e.write + e.status + e.timeout))
end
