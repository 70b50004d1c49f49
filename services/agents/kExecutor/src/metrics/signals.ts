// What the names of files tell about how a code base is kept: tests, continuous integration, lock files, things that should not lie there.

export interface Signals {
  readonly readme: string[];
  readonly ci: string[];
  readonly lockfiles: string[];
  readonly sensitive: string[];
  readonly vendored: string[];
  readonly tests: number;
}

const MAX_LISTED = 500;

const README = /^readme(?:\.\w+)?$/i;
const CI =
  /^(?:\.github\/workflows\/[^/]+\.ya?ml|\.gitlab-ci\.yml|\.circleci\/config\.yml|azure-pipelines\.yml|Jenkinsfile|\.travis\.yml|\.drone\.yml|bitbucket-pipelines\.yml|\.buildkite\/.+|appveyor\.yml|\.woodpecker(?:\/.+|\.ya?ml)|\.forgejo\/workflows\/.+|\.gitea\/workflows\/.+|\.ci\/.+)$/;
const LOCKFILE =
  /^(?:package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?|deno\.lock|composer\.lock|Cargo\.lock|go\.sum|Gemfile\.lock|poetry\.lock|uv\.lock|pdm\.lock|Pipfile\.lock|mix\.lock|pubspec\.lock|Package\.resolved|Podfile\.lock|packages\.lock\.json|gradle\.lockfile|conan\.lock|flake\.lock)$/;
const SENSITIVE =
  /^(?:\.env(?:\.(?!example|sample|template|dist|defaults|test)[\w-]+)?|id_(?:rsa|dsa|ecdsa|ed25519)|.*\.(?:p12|pfx|jks|keystore|kdbx|ovpn)|.*(?:private|secret)[\w-]*\.(?:key|pem)|.*\.key|\.netrc|\.pgpass|\.htpasswd|credentials(?:\.json)?|secrets?\.(?:json|ya?ml|toml)|service-account.*\.json|terraform\.tfstate)$/i;
const VENDOR_FOLDERS: ReadonlySet<string> = new Set(["node_modules", "vendor", "third_party", "third-party", "bower_components", "Pods"]);
const TEST_FOLDERS: ReadonlySet<string> = new Set(["test", "tests", "__tests__", "spec", "specs", "testing", "e2e", "testdata"]);
const TEST_NAME = /(?:[._-](?:test|tests|spec)\.\w+$)|^test_.*\.py$|(?:Test|Tests|Spec|IT)\.(?:java|kt|cs|scala|swift|php)$/;

export function createSignals(): { add(path: string): void; list(): Signals } {
  const signals = { readme: [] as string[], ci: [] as string[], lockfiles: [] as string[], sensitive: [] as string[], tests: 0 };
  const vendored = new Set<string>();
  const put = (list: string[], path: string) => list.length < MAX_LISTED && list.push(path);
  return {
    add(path) {
      const segments = path.split("/");
      const name = segments.pop() ?? "";
      const vendor = segments.findIndex((segment) => VENDOR_FOLDERS.has(segment));
      if (vendor >= 0 && vendored.size < MAX_LISTED) vendored.add(segments.slice(0, vendor + 1).join("/"));
      if (segments.length === 0 && README.test(name)) put(signals.readme, path);
      if (CI.test(path)) put(signals.ci, path);
      if (vendor < 0 && LOCKFILE.test(name)) put(signals.lockfiles, path);
      if (vendor < 0 && SENSITIVE.test(name)) put(signals.sensitive, path);
      if (segments.some((segment) => TEST_FOLDERS.has(segment)) || TEST_NAME.test(name)) signals.tests += 1;
    },
    list: () => ({ ...signals, vendored: [...vendored] }),
  };
}
