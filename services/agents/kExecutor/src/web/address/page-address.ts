// The one spelling of a page's address: what two links must share to lead to the same page. It asks nobody whether they do.

/** Longer addresses are made by machines for machines; a server need not take them (RFC 9110, 4.1, asks for 8,000 octets at least). */
export const MAX_ADDRESS_CHARS = 4096;

/** Names of session ids, which make one page look like many. With a value that could be chosen by a person they are left alone. */
const SESSION_NAMES = /^(?:phpsessid|jsessionid|aspsessionid[a-z]*|cfid|cftoken|session_?id|sid)$/i;
const SESSION_VALUE = /^[\w.-]{16,}$/;
const SESSION_SEGMENT = /;jsessionid=[^/?#;]*/gi;
const ESCAPE = /%[0-9a-f]{2}/gi;
const UNRESERVED = /[\w.~-]/;

/**
 * An href as it stands in a document, resolved and spelled the one way: no fragment, no session id, escapes in capitals and only where they
 * are needed (RFC 3986, 6.2.2). The query stays as it is. Undefined for anything but http and https, and for what is no address.
 */
export function pageAddress(href: string, base: string): string | undefined {
  if (href.length > MAX_ADDRESS_CHARS) return undefined;
  const url = URL.parse(href.trim(), base);
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) return undefined;
  url.hash = "";
  url.username = "";
  url.password = "";
  if (url.hostname.endsWith(".")) url.hostname = url.hostname.slice(0, -1);
  url.pathname = plainEscapes(url.pathname).replace(SESSION_SEGMENT, "");
  url.search = withoutSession(plainEscapes(url.search));
  return url.href.length > MAX_ADDRESS_CHARS ? undefined : url.href;
}

function plainEscapes(text: string): string {
  if (!text.includes("%")) return text;
  return text.replace(ESCAPE, (escape) => {
    const char = String.fromCharCode(Number.parseInt(escape.slice(1), 16));
    return UNRESERVED.test(char) ? char : escape.toUpperCase();
  });
}

function withoutSession(search: string): string {
  if (search.length < 2) return "";
  const pairs = search.slice(1).split("&");
  const kept = pairs.filter((pair) => {
    const [name = "", value = ""] = pair.split("=", 2);
    return !(SESSION_NAMES.test(name) && SESSION_VALUE.test(value));
  });
  return kept.length === pairs.length ? search : kept.join("&");
}
