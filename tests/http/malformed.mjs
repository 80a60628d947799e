// SPDX-License-Identifier: Apache-2.0
// Requests that some server reads differently from another (RFC 9112), each with a second one hidden behind it: {name, bytes}.

const hidden = "GET /t/state HTTP/1.1\r\nHost: localhost\r\n\r\n";
const body = '{"a":1}';
export const cases = [];
const add = (name, bytes) => cases.push({ name, bytes });
const post = (headers, payload = "", line = "POST /t/json HTTP/1.1") =>
  `${line}\r\nHost: localhost\r\nContent-Type: application/json\r\n${headers}\r\n${payload}${hidden}`;
const get = (headers, line = "GET /t/hello HTTP/1.1", host = "Host: localhost\r\n") => `${line}\r\n${host}${headers}\r\n${hidden}`;

// Length and transfer encoding.
for (const [cl, te] of [["Content-Length: 7", "Transfer-Encoding: chunked"], ["content-length: 0", "transfer-encoding: chunked"],
  ["Content-Length: 5", "Transfer-Encoding:chunked"], ["Content-Length: 44", "Transfer-Encoding: Chunked"]]) {
  for (const both of [[cl, te], [te, cl]]) add(`both: ${both.join(", ")}`, post(`${both.join("\r\n")}\r\n`, "0\r\n\r\n"));
}
for (const two of [["7", "7"], ["7", "8"], ["0", "44"], ["7", "07"], ["44", "0"], ["7", " 7"]]) {
  add(`two lengths ${two}`, post(`Content-Length: ${two[0]}\r\nContent-Length: ${two[1]}\r\n`, body));
}
for (const v of ["-1", "+7", "7,7", "7, 7", "0x7", "7 7", "", "a", "7a", "1e1", "7.0", "99999999999999999999", "18446744073709551616",
  "9223372036854775808", "\t", "٧", "0x0", "--7", "1_0", "7;", "\"7\"", "7\t7"]) {
  add(`length "${v}"`, post(`Content-Length: ${v}\r\n`, body));
}
for (const v of ["identity", "gzip", "gzip, chunked", "chunked, identity", "chunked, gzip", "xchunked", "chunkedx", "chunked chunked",
  "chunked;q=1", "\"chunked\"", "chunked,", ",chunked", "", "cow", "chunked, chunked", "deflate", "compress, chunked",
  "chunked\tx", "x chunked", "[chunked]"]) {
  add(`transfer encoding "${v}"`, post(`Transfer-Encoding: ${v}\r\n`, "0\r\n\r\n"));
}
add("two transfer encodings", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"));
add("two transfer encodings, other", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", "0\r\n\r\n"));
add("two transfer encodings, first other", post("Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"));
add("transfer encoding in HTTP/1.0", post("Transfer-Encoding: chunked\r\n", "0\r\n\r\n", "POST /t/json HTTP/1.0"));
for (const c of [" ", "\t", "\x0b", "\0", "\xa0"]) {
  add(`${escape(c)} before the colon of Transfer-Encoding`, post(`Transfer-Encoding${c}: chunked\r\n`, "0\r\n\r\n"));
  add(`${escape(c)} before the colon of Content-Length`, post(`Content-Length${c}: 7\r\n`, body));
}
// Chunks.
const chunked = (payload) => post("Transfer-Encoding: chunked\r\n", payload);
for (const size of ["g", "-1", "+7", "0x7", "7 ", " 7", "", "7\0", "ffffffffffffffffff", "10000000000000000", "7_", "7.", "7g", "7h;a",
  "\t7", "٧", "7 8", "fffffffffffffffff"]) {
  add(`chunk size "${escape(size)}"`, chunked(`${size}\r\n${body}\r\n0\r\n\r\n`));
}
for (const [name, payload] of [["bare LF after size", `7\n${body}\r\n0\r\n\r\n`], ["bare CR after size", `7\r${body}\r\n0\r\n\r\n`],
  ["bare LF after data", `7\r\n${body}\n0\r\n\r\n`], ["no line end after data", `7\r\n${body}0\r\n\r\n`],
  ["data longer than its size", `6\r\n${body}\r\n0\r\n\r\n`], ["data shorter than its size", `8\r\n${body}\r\n0\r\n\r\n`],
  ["LF in a chunk extension", `7;a\nb\r\n${body}\r\n0\r\n\r\n`], ["CR in a chunk extension", `7;a\rb\r\n${body}\r\n0\r\n\r\n`],
  ["bare LF behind an extension", `7;a=b\n${body}\r\n0\r\n\r\n`], ["a bare LF at the end", `7\r\n${body}\r\n0\n\n`],
  ["junk at the end", `7\r\n${body}\r\n0\r\nx`], ["a trailer", `7\r\n${body}\r\n0\r\nX-A: b\r\n\r\n`],
  ["Content-Length as a trailer", `7\r\n${body}\r\n0\r\nContent-Length: 5\r\n\r\n`],
  ["Host as a trailer", `7\r\n${body}\r\n0\r\nHost: a\r\n\r\n`], ["Transfer-Encoding as a trailer", `7\r\n${body}\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n`],
  ["a trailer with a bare LF", `7\r\n${body}\r\n0\r\nX-A: b\n\r\n`], ["two CR", `7\r\r\n${body}\r\n0\r\n\r\n`],
  ["an announced trailer", null]]) {
  add(`chunks: ${name}`, payload === null ? post("Trailer: X-A\r\nTransfer-Encoding: chunked\r\n", `7\r\n${body}\r\n0\r\n\r\n`) : chunked(payload));
}
// Header lines.
for (const c of ["\0", "\x01", "\x0b", "\x0c", "\x7f", "\r", "\x1f", "\x08"]) {
  add(`${escape(c)} in a value`, get(`X-A: a${c}b\r\n`));
  add(`${escape(c)} in a name`, get(`X${c}A: ab\r\n`));
}
for (const c of [" ", "\t", "(", ")", ",", "/", ";", "<", "=", ">", "?", "@", "[", "\\", "]", "{", "}", "\"", "\x80", "\xff", "é"]) {
  add(`${c} in a name`, get(`X${c}A: ab\r\n`));
}
for (const [name, headers] of [["obs-fold with a blank", "X-A: a\r\n b\r\n"], ["obs-fold with a tab", "X-A: a\r\n\tb\r\n"],
  ["obs-fold of a length", "Content-Length:\r\n 7\r\n"], ["obs-fold of an encoding", "Transfer-Encoding:\r\n chunked\r\n"],
  ["a blank at the first line", " X-A: a\r\n"], ["a tab at the first line", "\tX-A: a\r\n"], ["a line without a colon", "X-A\r\n"],
  ["an empty name", ": a\r\n"], ["a bare LF between lines", "X-A: a\nX-B: b\r\n"], ["a bare CR between lines", "X-A: a\rX-B: b\r\n"],
  ["a bare LF that hides a length", "X-A: a\nContent-Length: 44\r\n"], ["a bare CR that hides an encoding", "X-A: a\rTransfer-Encoding: chunked\r\n"],
  ["a blank before a colon", "X-A : a\r\n"], ["a tab before a colon", "X-A\t: a\r\n"], ["a bare LF at the end", "X-A: a\r\n\n"],
  ["upgrade to h2c", "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n"],
  ["upgrade to a web socket", "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"],
  ["an expectation", "Expect: 200-ok\r\n"], ["an empty expectation", "Expect: \r\n"], ["two expectations", "Expect: 100-continue, x\r\n"],
  ["a GET with a body", "Content-Length: 7\r\n"], ["a GET with chunks", "Transfer-Encoding: chunked\r\n"]]) {
  add(name, get(headers));
}
// Hosts.
for (const host of ["", "Host: a\r\nHost: a\r\n", "Host: a\r\nHost: b\r\n", "Host: a, b\r\n", "Host: \r\n", "Host: a b\r\n", "Host: a/b\r\n",
  "Host: user@a\r\n", "Host: a?b\r\n", "Host: a#b\r\n", "Host: a\\b\r\n", "Host: <a>\r\n", "Host: \"a\"\r\n", "Host: a\tb\r\n",
  `Host: ${"a".repeat(256)}\r\n`, "Host: é\r\n", "Host: {a}\r\n", "Host: a|b\r\n", "Host : a\r\n", "Host: a^b\r\n", "Host: `a`\r\n"]) {
  add(`host ${JSON.stringify(host).slice(0, 40)}`, get("", undefined, host));
}
// Request lines.
for (const line of ["GET http://other.example/t/hello HTTP/1.1", "GET http://localhost/t/hello HTTP/1.1", "GET * HTTP/1.1", "OPTIONS * HTTP/1.1",
  "CONNECT localhost:80 HTTP/1.1", "GET t/hello HTTP/1.1", "GET //@other/ HTTP/1.1 x", "GET  /t/hello HTTP/1.1", "GET /t/hello  HTTP/1.1",
  "GET\t/t/hello HTTP/1.1", "GET /t/hello\tHTTP/1.1", "GET /t/hello", "GET /t/hello HTTP/2.0", "GET /t/hello HTTP/1.2", "GET /t/hello HTTP/0.9",
  "GET /t/hello HTTP/1.10", "GET /t/hello HTTP/11", "GET /t/hello http/1.1", "GET /t/hello HTTP /1.1", "GET /t/hello HTTP/1", "GET /t/hello HTTP/1.",
  "GET /t/hello HTTP/01.1", "GET /t/hello HTTPS/1.1", "GET /t/hello ICY/1.1", "GET /t/he llo HTTP/1.1", "GET /t/hello\0 HTTP/1.1", "GET /t/hello%00 HTTP/1.1",
  "GET /t/hello\x7f HTTP/1.1", "GET /t/hello\xe9 HTTP/1.1", "GET /t/hello#x HTTP/1.1", "GET /t/hello\\x HTTP/1.1", "GET /t/<hello> HTTP/1.1",
  "GET /t/{hello} HTTP/1.1", "GET /t/h|llo HTTP/1.1", "GET /t/h\"llo HTTP/1.1", "GET /t/h^llo HTTP/1.1", "GET /t/h`llo HTTP/1.1",
  "G\0T /t/hello HTTP/1.1", "G{T /t/hello HTTP/1.1", "get /t/hello HTTP/1.1", "BREW /t/hello HTTP/1.1", "TRACE /t/hello HTTP/1.1", "PRI * HTTP/2.0",
  " GET /t/hello HTTP/1.1", "\0GET /t/hello HTTP/1.1", "GET /t/hello HTTP/1.1 ", "GET /t/hello HTTP/1.1\t", "GET /t/hello HTTP/1.1\r", "/t/hello HTTP/1.1",
  "GET", "\x16\x03\x01\x02", "GET /t/hello HTTP/1.1\nHost: localhost", "GET /t/hello\r HTTP/1.1", "GET /t/hello\x0bHTTP/1.1", "GET /t/hello\x0cHTTP/1.1",
  `GET /${"a".repeat(8192)} HTTP/1.1`, `GET /t/hello?${"a=b&".repeat(3000)} HTTP/1.1`, `${"G".repeat(300)} /t/hello HTTP/1.1`, "GET ../t/hello HTTP/1.1",
  "GET %2ft/hello HTTP/1.1", "GET ?x HTTP/1.1"]) {
  add(`line ${JSON.stringify(line).slice(0, 50)}`, get("", line));
}
add("101 fields", get(Array.from({ length: 100 }, (_, i) => `X-${i}: a\r\n`).join("")));
add("a field of 8 KiB", get(`X-A: ${"a".repeat(8192)}\r\n`));
add("fields of more than 16 KiB", get(Array.from({ length: 4 }, (_, i) => `X-${i}: ${"a".repeat(4100)}\r\n`).join("")));
add("a name of 9 KiB", get(`${"X".repeat(9000)}: a\r\n`));
add("fields of 200 KiB", get(Array.from({ length: 50 }, (_, i) => `X-${i}: ${"a".repeat(4000)}\r\n`).join("")));
