// The few facts of EXIF that matter to somebody who handles a picture: when, with what, and whether it tells where.

export interface ExifFacts {
  /** RFC 3339; cameras seldom say the zone, so it is written as UTC. */
  readonly takenAt?: string;
  readonly camera?: string;
  /** Whether it holds a place. The place itself is not given. */
  readonly hasPlace: boolean;
}

/** Nothing for EXIF that is damaged. */
export async function exifFacts(exif: Buffer): Promise<ExifFacts | undefined> {
  const { default: readExif } = await import("exif-reader");
  const tags = readTags(readExif, exif);
  if (tags === undefined) return undefined;
  const { Image: image, Photo: photo, GPSInfo: place } = tags;
  const taken = [photo?.DateTimeOriginal, photo?.DateTimeDigitized, image?.DateTime].find(isRealDate);
  const camera = [image?.Make, image?.Model].filter((name) => typeof name === "string" && name !== "").join(" ");
  return {
    ...(taken !== undefined && { takenAt: taken.toISOString() }),
    ...(camera !== "" && { camera }),
    hasPlace: place?.GPSLatitude !== undefined || place?.GPSLongitude !== undefined,
  };
}

/** The reader throws plain errors for whatever it does not like. */
function readTags<Tags>(readExif: (exif: Buffer) => Tags, exif: Buffer): Tags | undefined {
  try {
    return readExif(exif);
  } catch (error) {
    if (error instanceof Error) return undefined;
    throw error;
  }
}

function isRealDate(value: unknown): value is Date {
  return value instanceof Date && Number.isFinite(value.getTime()) && value.getUTCFullYear() > 0 && value.getUTCFullYear() < 10_000;
}
