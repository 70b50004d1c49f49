// `npm start [-- arguments of kai]`: sets up what is missing, then runs kai; without arguments the node in the foreground.
// Plain JavaScript without dependencies: this is what runs first, on the Node that the system has.
const leastMajor = 20;
if (Number(process.versions.node.split(".")[0]) < leastMajor) {
  process.stderr.write(
    `kOS needs Node.js ${leastMajor} or later to set itself up; this is ${process.version}. Install one from https://nodejs.org and start again.\n`,
  );
  process.exit(1);
}
const { runMain } = await import("./setup/problem.mjs");
const { startKai, startNode } = await import("./setup/program.mjs");
const args = process.argv.slice(2);
await runMain(() => (args.length === 0 ? startNode() : startKai(args)));
