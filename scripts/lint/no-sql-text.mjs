// kos/no-sql-text (R30): SQL is never put together from text and values. Values are bound; a statement that varies in its names is built
// from constants (UPPER_CASE) or by Kysely; `placeholders(n)` may stand for a list of question marks.

/** Where a value stands while the text around it is looked at. */
const GAP = "?";

const statement = new RegExp(
  [
    "select\\b[^]*\\bfrom\\b",
    "(?:insert|replace)\\s+(?:or\\s+\\w+\\s+)?into\\b",
    "update\\s+(?:or\\s+\\w+\\s+)?\\S+\\s+set\\b",
    "delete\\s+from\\b",
    "create\\s+(?:unique\\s+|temp\\s+|virtual\\s+)?(?:table|index|view|trigger)\\b",
    "alter\\s+table\\b",
    "drop\\s+(?:table|index|view|trigger)\\b",
    "with\\s+(?:recursive\\s+)?\\S+\\s+as\\b",
    "pragma\\s",
    "attach\\s+(?:database\\s)?",
    "vacuum\\s+into\\b",
  ]
    .map((start) => `^\\s*(?:--[^\\n]*\\n\\s*)*${start}`)
    .join("|"),
  "i",
);

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
        if (node.parent.type === "TaggedTemplateExpression" || !statement.test(textOf(node))) return;
        for (const expression of node.expressions) if (!isConstant(expression)) report(expression);
      },
      BinaryExpression(node) {
        if (node.operator !== "+" || (node.parent.type === "BinaryExpression" && node.parent.operator === "+")) return;
        const parts = flatten(node);
        if (!statement.test(parts.map((part) => textOf(part) ?? GAP).join(""))) return;
        for (const part of parts) if (textOf(part) === undefined && !isConstant(part)) report(part);
      },
    };
  },
};

function flatten(node) {
  return node.type === "BinaryExpression" && node.operator === "+" ? [...flatten(node.left), ...flatten(node.right)] : [node];
}

/** The text of a literal or a template, its values left out; undefined for anything else. */
function textOf(node) {
  if (node.type === "Literal" && typeof node.value === "string") return node.value;
  return node.type === "TemplateLiteral" ? node.quasis.map((part) => part.value.raw).join(GAP) : undefined;
}

function isConstant(node) {
  if (node.type === "Literal") return true;
  if (node.type === "Identifier") return /^[A-Z][A-Z0-9_]*$/.test(node.name);
  if (node.type === "MemberExpression") return isConstant(node.object);
  return node.type === "CallExpression" && node.callee.type === "Identifier" && node.callee.name === "placeholders";
}
