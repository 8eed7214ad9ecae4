-- Prints wrk's result as one line of fields for the scripts beside it.
--
-- With an argument, the seconds to load: stops asking after them and lets wrk's remaining time
-- drain. A client that is still without its answer then was starved, which wrk alone does not
-- count; an answer without 2xx is counted too, where wrk alone lets 3xx pass.
--
-- A script that wants each request to be another one defines next_request() and then runs this
-- file; the number of the thread is in "number", and may_redirect says that 302 is an answer.

local threads = {}

function setup(thread)
   table.insert(threads, thread)
   -- wrk calls request() once on the first thread, to see what it returns, without sending it.
   thread:set("sent", #threads == 1 and -1 or 0)
   thread:set("refused", 0)
   thread:set("number", #threads)
end

function init(arguments)
   if not arguments[1] then
      request = next_request
      return
   end
   draining = true
   local deadline = os.time() + tonumber(arguments[1])

   function request()
      if os.time() >= deadline then return "" end
      sent = sent + 1
      return next_request and next_request() or wrk.request()
   end

   function response(status)
      local good = status >= 200 and status <= 299 or may_redirect and status == 302
      if not good then refused = refused + 1 end
   end
end

function done(summary, latency)
   local sent, refused = 0, 0
   for _, thread in ipairs(threads) do
      sent = sent + thread:get("sent")
      refused = refused + thread:get("refused")
   end
   local errors = summary.errors
   print(string.format(
      "result rate=%.1f requests=%d p50=%.1f p99=%.1f max=%.1f size=%.1f "
         .. "refused=%d connect=%d read=%d write=%d timeout=%d unanswered=%d",
      summary.requests / summary.duration * 1e6, summary.requests,
      latency:percentile(50) / 1000, latency:percentile(99) / 1000, latency.max / 1000,
      summary.bytes / math.max(summary.requests, 1),
      math.max(refused, errors.status), errors.connect, errors.read, errors.write, errors.timeout,
      threads[1]:get("draining") and sent - summary.requests or 0))
end
