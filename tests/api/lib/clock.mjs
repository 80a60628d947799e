// SPDX-License-Identifier: Apache-2.0
// The clock of the running server, moved with libfaketime (Debian's libfaketime); its measuring of time is left alone.
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { start, tempDir } from './server.mjs'

const lib = readdirSync('/usr/lib', { withFileTypes: true }).filter((d) => d.isDirectory())
  .map((d) => `/usr/lib/${d.name}/faketime/libfaketimeMT.so.1`).find((f) => existsSync(f))
export const options = { skip: !lib && 'libfaketime is not installed' }
export const minute = 60, hour = 3600, day = 24 * hour

/** A server whose clock is moved by seconds: {server, to(seconds), again(), end()}. */
export async function clocked(opts = {}) {
  const dir = tempDir(), file = join(dir, 'clock')
  const to = (s) => writeFileSync(file, `+${s}\n`)
  // The address sanitizer's allocator asks the clock with its lock held, and libfaketime's first answer allocates.
  const asan = `${process.env.ASAN_OPTIONS ?? ''}:allocator_release_to_os_interval_ms=-1`
  const begin = () => start({ data: join(dir, 'data'), ...opts, env: { LD_PRELOAD: lib, FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: '1', FAKETIME_DONT_FAKE_MONOTONIC: '1', DONT_FAKE_MONOTONIC: '1', ASAN_OPTIONS: asan } })
  to(0)
  const it = { server: await begin(), to,
    /** After a kill. */
    async again() { it.server = await begin() },
    async end() {
      await it.server.stop()
      rmSync(dir, { recursive: true, force: true })
    } }
  return it
}
