/** A server that stands in for the publisher's, and a directory to download to. */
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { downloadCommand } from "../../scripts/spec/download-command.js";
import { recordingTerminal } from "./spec-support.js";

export interface Publisher {
  readonly origin: string;
  /** What is answered, by path and query; anything else is not found. */
  readonly answers: Record<string, RequestListener>;
  /** The paths asked for, in their order. */
  readonly asked: string[];
  readonly directory: string;
  /** Runs the command, to write `upvest.yaml` in the directory. */
  readonly download: (...args: string[]) => Promise<Outcome>;
  /** Stops listening; the directory stays. */
  readonly goAway: () => void;
  readonly close: () => Promise<void>;
}

export interface Outcome {
  readonly code: number;
  readonly printed: string;
  readonly complained: string;
}

export async function startPublisher(): Promise<Publisher> {
  const answers: Record<string, RequestListener> = {};
  const asked: string[] = [];
  const server: Server = createServer((request, response) => {
    asked.push(request.url ?? "");
    (answers[request.url ?? ""] ?? status(404))(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const directory = await mkdtemp(join(tmpdir(), "spec-download-"));
  const goAway = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answers,
    asked,
    directory,
    download: async (...args) => {
      const terminal = recordingTerminal();
      const code = await downloadCommand(["--out", join(directory, "upvest.yaml"), ...args], terminal);
      return { code, printed: terminal.printed(), complained: terminal.complained() };
    },
    goAway,
    close: async () => {
      goAway();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export const text =
  (body: string | Uint8Array, type = "application/yaml"): RequestListener =>
  (_request, response) => {
    response.writeHead(200, { "content-type": type }).end(body);
  };
export const status =
  (code: number): RequestListener =>
  (_request, response) => {
    response.writeHead(code).end("no");
  };
export const redirect =
  (location: string, code = 302): RequestListener =>
  (_request, response) => {
    response.writeHead(code, { location }).end();
  };
