// kos/no-sql-text (R30): SQL is never put together from text and values. Values are bound; a statement that varies in its names is built
// from constants (UPPER_CASE) or by Kysely; `placeholders(n)` may stand for a list of question marks.

const statement =
  /^\s*(?:--[^\n]*\n\s*)*(?:select\s|insert\s+(?:or\s+\w+\s+)?into\s|update\s+\S+\s+set\s|delete\s+from\s|replace\s+into\s|create\s+(?:unique\s+)?(?:table|index|view|trigger|virtual|temp)|alter\s+table\s|drop\s+(?:table|index|view|trigger)|with\s+\S+\s+as\s|pragma\s|attach\s|vacuum\s|explain\s)/i;

export const noSqlText = {
  meta: {
    type: "problem",
    messages: {
      concatenated: "SQL is put together with {{what}}: bind the value with a parameter, or take the name from an UPPER_CASE constant.",
    },
    schema: [],
  },
  create(context) {
    const report = (node) => context.report({ node, messageId: "concatenated", data: { what: context.sourceCode.getText(node) } });
    return {
      TemplateLiteral(node) {
        if (node.parent.type === "TaggedTemplateExpression" || !statement.test(node.quasis[0]?.value.raw ?? "")) return;
        for (const expression of node.expressions) if (!isConstant(expression)) report(expression);
      },
      BinaryExpression(node) {
        if (node.operator !== "+" || (node.parent.type === "BinaryExpression" && node.parent.operator === "+")) return;
        const parts = flatten(node);
        if (!parts.some((part) => statement.test(textOf(part)))) return;
        for (const part of parts) if (textOf(part) === "" && !isConstant(part)) report(part);
      },
    };
  },
};

function flatten(node) {
  return node.type === "BinaryExpression" && node.operator === "+" ? [...flatten(node.left), ...flatten(node.right)] : [node];
}

function textOf(node) {
  if (node.type === "Literal" && typeof node.value === "string") return node.value;
  return node.type === "TemplateLiteral" ? (node.quasis[0]?.value.raw ?? "") : "";
}

function isConstant(node) {
  if (node.type === "Literal") return true;
  if (node.type === "Identifier") return /^[A-Z][A-Z0-9_]*$/.test(node.name);
  if (node.type === "MemberExpression") return isConstant(node.object);
  return node.type === "CallExpression" && node.callee.type === "Identifier" && node.callee.name === "placeholders";
}
