// A peer that cannot run on this machine, and what a person can do about it.

export class MissingService extends Error {
  override readonly name = "MissingService";
}
