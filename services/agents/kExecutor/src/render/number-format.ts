// A way to write numbers in English.

/** Made with its first use: the runtime's tables of languages are large, and the node, which only describes capabilities, needs none. */
export function numberFormat(options: Intl.NumberFormatOptions): (value: number) => string {
  let format: Intl.NumberFormat | undefined;
  return (value) => {
    format ??= new Intl.NumberFormat("en-US", options);
    return format.format(value);
  };
}
