/**
 * OpenTelemetry from the client's channels, against the local sandbox: a span for each call, one below it for each
 * attempt, and `traceparent` on the wire. The sandbox fails once, so that there is a second attempt to see.
 *
 * Run it: npx tsx examples/opentelemetry.ts
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { tracingChannel } from "node:diagnostics_channel";
import { context, propagation, SpanKind, SpanStatusCode, trace, type Context } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import {
  InMemorySpanExporter,
  BasicTracerProvider,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { createUpvestClient, type AttemptDiagnostics, type CallDiagnostics } from "upvest-client";
import { startSandbox } from "upvest-client/sandbox";

// What a service has at its start anyway, with an exporter of its own.
const exporter = new InMemorySpanExporter();
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
trace.setGlobalTracerProvider(provider);
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
// In a service: new W3CTraceContextPropagator() of @opentelemetry/core.
propagation.setGlobalPropagator({
  inject: (from, carrier: unknown, setter) => {
    const span = trace.getSpanContext(from);
    if (span) setter.set(carrier, "traceparent", `00-${span.traceId}-${span.spanId}-0${span.traceFlags}`);
  },
  extract: (from) => from,
  fields: () => ["traceparent"],
});

// From here on: the instrumentation itself.
const tracer = trace.getTracer("upvest-client");
/** The context of the call or attempt that is under way; a store, so that calls at the same time have each its own. */
const current = new AsyncLocalStorage<Context>();

const ignore = (): void => undefined;

// Messages are cast: between two versions of @types/node the type parameters of a channel have changed places.
function watch(
  name: string,
  kind: SpanKind,
  attributes: (told: object) => Record<string, string | number>,
): void {
  const contexts = new WeakMap<object, Context>();
  const channel = tracingChannel(name);
  channel.start.bindStore(current, (told) => {
    const message = told as CallDiagnostics | AttemptDiagnostics;
    const parent = current.getStore() ?? context.active();
    const span = tracer.startSpan(
      `${message.method} ${message.path}`,
      { kind, attributes: attributes(told) },
      parent,
    );
    const own = trace.setSpan(parent, span);
    contexts.set(message, own);
    return own;
  });
  channel.subscribe({
    start: ignore,
    end: ignore,
    asyncStart: ignore,
    error: ignore,
    asyncEnd(told) {
      const message = told as CallDiagnostics | AttemptDiagnostics;
      const span = trace.getSpan(contexts.get(message) ?? context.active());
      const { status, error, requestId } = message;
      if (status !== undefined) span?.setAttribute("http.response.status_code", status);
      if (requestId !== undefined) span?.setAttribute("upvest.request_id", requestId);
      if (error !== undefined || (status ?? 0) >= 400) {
        span?.setAttribute("error.type", error instanceof Error ? error.name : String(status));
        span?.setStatus({ code: SpanStatusCode.ERROR });
      }
      span?.end();
    },
  });
}

watch("upvest-client:call", SpanKind.INTERNAL, (told) => ({
  "upvest.operation_id": (told as CallDiagnostics).operationId,
}));
watch("upvest-client:attempt", SpanKind.CLIENT, (told) => {
  const { method, path, origin, attempt } = told as AttemptDiagnostics;
  const { hostname, port, protocol } = new URL(origin);
  return {
    "http.request.method": method,
    "url.template": path,
    "server.address": hostname,
    "server.port": Number(port || (protocol === "https:" ? 443 : 80)),
    ...(attempt > 1 && { "http.request.resend_count": attempt - 1 }),
  };
});

/** Puts the attempt's `traceparent` on the wire: after the signature, which does not cover it. */
const traced: typeof fetch = (input, init) => {
  const headers: Record<string, string> = { ...(init?.headers as Record<string, string>) };
  propagation.inject(current.getStore() ?? context.active(), headers);
  return fetch(input, { ...init, headers });
};

const sandbox = await startSandbox();
const client = createUpvestClient({
  baseUrl: sandbox.url,
  ...sandbox.credentials,
  fetch: traced,
  retry: { baseDelay: 1 },
});
sandbox.fail({ operation: "list_users", status: 503 });

await tracer.startActiveSpan("a request to our own service", async (span) => {
  await Promise.all([client.GET("/users"), client.GET("/accounts")]);
  span.end();
});

const spans = exporter.getFinishedSpans();
const show = (parent: string | undefined, depth: number): void => {
  for (const span of spans.filter(({ parentSpanContext }) => parentSpanContext?.spanId === parent)) {
    const { "http.response.status_code": status = "", "http.request.resend_count": again } = span.attributes;
    const note = again === undefined ? "" : ", sent again";
    console.log(`${"  ".repeat(depth)}${span.name} ${String(status)}${note}`);
    show(span.spanContext().spanId, depth + 1);
  }
};
show(undefined, 0);

const calls = sandbox.requests.filter(({ operationId }) => operationId !== "issue_token");
const good = calls.every(({ headers, signature }) => {
  const input = headers["signature-input"] ?? "";
  return (
    headers["traceparent"] !== undefined && !input.includes("traceparent") && signature?.verified === true
  );
});
console.log(
  `\n${calls.length} requests arrived with a traceparent that is not signed; all verified: ${good}`,
);
await sandbox.close();
await provider.shutdown();
if (!good || calls.length !== 3) process.exitCode = 1;
