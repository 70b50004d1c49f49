// Takes secrets out of texts: by what they look like, and by the exact values it was told [R45]. It keeps told values in memory only.

const MARK = "[redacted]";
const MIN_SECRET_LENGTH = 6;

/** Shapes of credentials, each with what stays of it. */
const SHAPES: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[^]*?(?:-----END [A-Z ]{0,30}PRIVATE KEY-----|$)/g, MARK],
  [/\b(Bearer|Basic|DPoP)\s+[A-Za-z0-9._~+/=-]{8,}/gi, `$1 ${MARK}`],
  [/\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*)?/g, MARK],
  [/\b([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/@]{1,256}@/gi, `$1${MARK}@`],
  [
    /([?&](?:access_?token|refresh_?token|id_?token|token|ticket|api_?key|key|secret|password|signature|sig|code)=)[^&#\s"'<>]+/gi,
    `$1${MARK}`,
  ],
  [/\b(?:sk|pk|rk|ghp|gho|ghs|glpat|npm|xox[abprs])[-_][A-Za-z0-9_-]{16,}/g, MARK],
  [/\bAKIA[0-9A-Z]{16}\b/g, MARK],
];

/** Last words of keys whose values are never shown. */
const SECRET_KEY = /(?:^|_)(?:authorization|cookie|password|passphrase|passwd|pwd|secret|token|bearer|api_?key|private_key|credentials?)$/;

export interface Redactor {
  /** From now on this value never passes, nor its base64 and percent-encoded forms. Values under 6 characters are too common to hide. */
  hide(secret: string): void;
  /** The text with `[redacted]` in place of secrets. */
  redact(text: string): string;
  /** Whether a key's name says that its value is secret. */
  isSecretKey(key: string): boolean;
}

export function createRedactor(): Redactor {
  const hidden = new Set<string>();
  let pattern: RegExp | undefined;
  return {
    hide(secret) {
      if (secret.length < MIN_SECRET_LENGTH) return;
      const base64 = Buffer.from(secret).toString("base64").replace(/=+$/, "");
      for (const form of [secret, encodeURIComponent(secret.toWellFormed()), base64, base64.replaceAll("+", "-").replaceAll("/", "_")])
        hidden.add(form);
      const longestFirst = [...hidden].sort((left, right) => right.length - left.length);
      pattern = new RegExp(longestFirst.map((form) => form.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&")).join("|"), "g");
    },
    redact(text) {
      let clean = pattern === undefined ? text : text.replace(pattern, MARK);
      for (const [shape, rest] of SHAPES) clean = clean.replace(shape, rest);
      return clean;
    },
    isSecretKey(key) {
      const words = key
        .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
        .replaceAll("-", "_")
        .toLowerCase();
      return SECRET_KEY.test(words);
    },
  };
}
