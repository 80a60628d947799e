// SPDX-License-Identifier: Apache-2.0
// Writes NAME.gz and NAME.br beside every text file of a build, so that the server never compresses
// on the fly. index.html is left out: the server puts a fresh nonce into each copy it sends.
import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

const root = process.argv[2] ?? "dist";
const TEXT = new Set([".js", ".css", ".svg", ".json", ".txt"]);

for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !TEXT.has(path.extname(entry.name))) continue;
  const file = path.join(entry.parentPath, entry.name);
  const plain = await readFile(file);
  const packed = {
    ".gz": await promisify(gzip)(plain, { level: 9 }),
    ".br": await promisify(brotliCompress)(plain, {
      params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: plain.length },
    }),
  };
  for (const [suffix, bytes] of Object.entries(packed))
    if (bytes.length < plain.length) await writeFile(file + suffix, bytes);
}
