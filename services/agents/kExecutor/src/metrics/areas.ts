// Divides a tree into a few parts worth showing: the largest folder is opened again and again until there are enough of them.

export interface Area {
  readonly path: string;
  readonly files: number;
  readonly bytes: number;
  readonly lines: number;
}

interface Folder {
  readonly path: string;
  files: number;
  bytes: number;
  lines: number;
  readonly folders: Map<string, Folder>;
  /** What lies in the folder itself. */
  own: { files: number; bytes: number; lines: number };
}

const MAX_AREAS = 16;
const MAX_DEPTH = 6;
const MAX_FOLDERS = 50_000;

export function createAreas(): { add(path: string, bytes: number, lines: number): void; list(): readonly Area[] } {
  const root = emptyFolder("");
  let folders = 1;
  return {
    add(path, bytes, lines) {
      const segments = path.split("/").slice(0, -1).slice(0, MAX_DEPTH);
      let folder = root;
      addTo(folder, bytes, lines);
      for (const name of segments) {
        let next = folder.folders.get(name);
        if (next === undefined) {
          if (folders >= MAX_FOLDERS) break;
          folders += 1;
          next = emptyFolder(folder.path === "" ? name : `${folder.path}/${name}`);
          folder.folders.set(name, next);
        }
        folder = next;
        addTo(folder, bytes, lines);
      }
      addTo(folder.own, bytes, lines);
    },
    list() {
      let areas: readonly (Folder | Area)[] = [root];
      for (;;) {
        const largest = areas
          .filter((area): area is Folder => "folders" in area && area.folders.size > 0)
          .sort((one, other) => other.bytes - one.bytes)[0];
        if (largest === undefined) break;
        const opened = [...areas.filter((area) => area !== largest), ...partsOf(largest)];
        if (opened.length > MAX_AREAS && areas.length > 1) break;
        areas = opened;
      }
      return areas
        .map(({ path, files, bytes, lines }) => ({ path: path === "" ? "." : path, files, bytes, lines }))
        .sort((one, other) => other.bytes - one.bytes || (one.path < other.path ? -1 : 1));
    },
  };
}

function partsOf(folder: Folder): readonly (Folder | Area)[] {
  const own = folder.own.files === 0 ? [] : [{ path: folder.path === "" ? "./*" : `${folder.path}/*`, ...folder.own }];
  return [...folder.folders.values(), ...own];
}

function emptyFolder(path: string): Folder {
  return { path, files: 0, bytes: 0, lines: 0, folders: new Map(), own: { files: 0, bytes: 0, lines: 0 } };
}

function addTo(sum: { files: number; bytes: number; lines: number }, bytes: number, lines: number): void {
  sum.files += 1;
  sum.bytes += bytes;
  sum.lines += lines;
}
