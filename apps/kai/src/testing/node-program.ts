// Stands in for the node's program where a test lets kai start one: announces as the node does, as KAI_TEST_NODE says.

import { frameOf, planView, taskView } from "@kos/api/scripted-run.fixture";
import { startFakeNode } from "./fake-node.ts";

const dataFolder = process.argv[process.argv.indexOf("--data") + 1] ?? "";
const LIFETIME_MS = 30_000;

switch (process.env["KAI_TEST_NODE"]) {
  case "refuses":
    process.stdout.write(`${JSON.stringify({ event: "error", error: { code: "STORE_NEWER", message: "Too new.", retryable: false } })}\n`);
    process.exitCode = 1;
    break;
  case "dies":
    process.stderr.write("something broke\n");
    process.exitCode = 1;
    break;
  default: {
    const view = planView([taskView("a", { status: "succeeded" })], { status: "succeeded", seq: 2 });
    const node = await startFakeNode({
      dataFolder,
      view,
      onFollow: (told) => told.emit(frameOf({ event: "plan.finished", planStatus: "succeeded" }, 2)),
    });
    process.stdout.write(
      `${JSON.stringify({ event: "ready", url: node.url, data: dataFolder, did: "did:key:zTest", pid: process.pid })}\n`,
    );
    // A test that fails must not leave a process behind.
    setTimeout(() => process.exit(0), LIFETIME_MS).unref();
    process.once("SIGTERM", () => process.exit(0));
  }
}
