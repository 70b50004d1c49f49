// kos/no-ambient: clock, randomness, timers, the network and the environment are reached only through what the composition root injects,
// so that tests and the simulation control them.

/** Members of globals that are ambient; `null` stands for the global itself. */
const members = new Map([
  [
    "process",
    new Map([
      ["env", "the environment"],
      ["hrtime", "the clock"],
      ["argv", "the command line"],
    ]),
  ],
  ["Date", new Map([["now", "the clock"]])],
  [
    "performance",
    new Map([
      ["now", "the clock"],
      ["timeOrigin", "the clock"],
    ]),
  ],
  ["Math", new Map([["random", "randomness"]])],
  [
    "crypto",
    new Map([
      ["randomUUID", "randomness"],
      ["getRandomValues", "randomness"],
    ]),
  ],
  ["AbortSignal", new Map([["timeout", "a timer"]])],
]);

const globals = new Map([
  ["fetch", "the network"],
  ["setTimeout", "a timer"],
  ["setInterval", "a timer"],
  ["setImmediate", "a timer"],
]);

const globalObjects = new Set(["globalThis", "window", "self", "global"]);

const modules = new Map([
  ["node:timers", new Map([["*", "a timer"]])],
  // Not its `scheduler`: giving way to others (`scheduler.yield`) is no timer.
  [
    "node:timers/promises",
    new Map([
      ["setTimeout", "a timer"],
      ["setInterval", "a timer"],
      ["setImmediate", "a timer"],
    ]),
  ],
  ["node:process", new Map([["*", "the environment"]])],
  ["node:perf_hooks", new Map([["performance", "the clock"]])],
  [
    "node:crypto",
    new Map([
      ["randomBytes", "randomness"],
      ["randomUUID", "randomness"],
      ["randomInt", "randomness"],
      ["randomFillSync", "randomness"],
      ["randomFill", "randomness"],
      ["webcrypto", "randomness"],
    ]),
  ],
]);

export const noAmbient = {
  meta: {
    type: "problem",
    messages: { ambient: "{{name}} is {{what}} of the machine: take it as a parameter, the composition root passes it in." },
    schema: [],
  },
  create(context) {
    const report = (node, name, what) => context.report({ node, messageId: "ambient", data: { name, what } });
    return {
      MemberExpression(node) {
        const property = propertyName(node);
        if (property === undefined || node.object.type !== "Identifier" || !isGlobal(context, node.object)) return;
        const { name } = node.object;
        const what = globalObjects.has(name) ? globals.get(property) : members.get(name)?.get(property);
        if (what !== undefined) report(node, `${name}.${property}`, what);
      },
      Identifier(node) {
        const what = globals.get(node.name);
        if (what !== undefined && isRead(node) && isGlobal(context, node)) report(node, node.name, what);
      },
      "NewExpression[callee.name='Date'][arguments.length=0]"(node) {
        if (isGlobal(context, node.callee)) report(node, "new Date()", "the clock");
      },
      VariableDeclarator(node) {
        if (node.id.type !== "ObjectPattern" || node.init?.type !== "Identifier" || !isGlobal(context, node.init)) return;
        for (const entry of node.id.properties) {
          const property = entry.type === "Property" && entry.key.type === "Identifier" ? entry.key.name : undefined;
          const what =
            property === undefined
              ? undefined
              : (members.get(node.init.name)?.get(property) ?? (globalObjects.has(node.init.name) ? globals.get(property) : undefined));
          if (what !== undefined) report(entry, `${node.init.name}.${property}`, what);
        }
      },
      ImportDeclaration(node) {
        const banned = modules.get(node.source.value);
        if (banned === undefined || node.importKind === "type") return;
        for (const specifier of node.specifiers) {
          if (specifier.importKind === "type") continue;
          const name = specifier.type === "ImportSpecifier" ? specifier.imported.name : "*";
          const what = banned.get("*") ?? (name === "*" ? [...banned.values()][0] : banned.get(name));
          if (what !== undefined) report(specifier, `${name} of ${node.source.value}`, what);
        }
      },
    };
  },
};

function propertyName(node) {
  if (!node.computed && node.property.type === "Identifier") return node.property.name;
  return node.computed && node.property.type === "Literal" && typeof node.property.value === "string" ? node.property.value : undefined;
}

/** Whether the name is not bound by the file itself: an injected `fetch` or `setTimeout` is fine. */
function isGlobal(context, identifier) {
  for (let scope = context.sourceCode.getScope(identifier); scope !== null; scope = scope.upper) {
    const variable = scope.set.get(identifier.name);
    if (variable !== undefined) return variable.defs.length === 0;
  }
  return true;
}

/** Whether the identifier is a use of a variable, not a property name, a parameter or part of a type. */
function isRead(node) {
  const { parent } = node;
  switch (parent.type) {
    case "MemberExpression":
      return parent.object === node || parent.computed;
    case "Property":
      return parent.value === node && parent.parent.type !== "ObjectPattern";
    case "PropertyDefinition":
    case "AccessorProperty":
      return parent.value === node;
    case "MethodDefinition":
    case "ImportSpecifier":
    case "ExportSpecifier":
    case "LabeledStatement":
      return false;
    default:
      return (
        !parent.type.startsWith("TS") ||
        parent.type === "TSAsExpression" ||
        parent.type === "TSSatisfiesExpression" ||
        parent.type === "TSNonNullExpression"
      );
  }
}
