// kos/no-export-all: what a module offers is listed by name.

export const noExportAll = {
  meta: { type: "problem", messages: { all: "List what is exported by name: `export *` hides it." }, schema: [] },
  create(context) {
    return {
      ExportAllDeclaration(node) {
        context.report({ node, messageId: "all" });
      },
    };
  },
};
