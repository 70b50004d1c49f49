// kos/no-shell (R76): a program is started with a list of arguments, never through a shell.

const throughShell = new Set(["exec", "execSync"]);

export const noShell = {
  meta: {
    type: "problem",
    messages: {
      option: "`shell` hands the arguments to a shell: start the program itself with a list of arguments.",
      call: "{{name}} of node:child_process runs a shell: use spawn or execFile with a list of arguments.",
    },
    schema: [],
  },
  create(context) {
    return {
      Property(node) {
        const key = node.key.type === "Identifier" && !node.computed ? node.key.name : node.key.value;
        if (key !== "shell" || node.parent.type !== "ObjectExpression" || node.parent.parent.type !== "CallExpression") return;
        if (node.value.type !== "Literal" || node.value.value !== false) context.report({ node, messageId: "option" });
      },
      ImportDeclaration(node) {
        if (node.source.value !== "node:child_process" && node.source.value !== "child_process") return;
        for (const specifier of node.specifiers) {
          const name = specifier.type === "ImportSpecifier" ? specifier.imported.name : undefined;
          if (throughShell.has(name)) context.report({ node: specifier, messageId: "call", data: { name } });
        }
      },
    };
  },
};
