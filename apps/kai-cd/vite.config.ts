// How the console is built: for the browsers of the last two years, below /console/, without anything written into the page.

import tailwindcss from "@tailwindcss/vite";
import { defineConfig } from "vite";

export default defineConfig({
  base: "/console/",
  plugins: [tailwindcss()],
  build: {
    target: ["chrome125", "firefox128", "safari17.5"],
    // A small file is a file too: the policy of the page takes nothing from data: addresses but pictures.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  worker: { format: "es" },
});
