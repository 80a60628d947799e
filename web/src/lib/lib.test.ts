// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { toCsv } from "./csv";
import { ago, bytes, duration, money, percent, plural, sentence, signed } from "./format";

describe("figures as people read them", () => {
  it.each([
    [percent(0.4213), "42.1%"],
    [percent(0.0001), "0.01%"],
    [percent(0), "0.0%"],
    [percent(0.0004, 0), "<1%"],
    [signed(-4), "-4"],
    [signed(11), "+11"],
    [money(1200, "eur"), "€1,200"],
    [money(1200.5, "bitcoin"), "1,200.50"],
    [bytes(1_500_000), "1.5 MB"],
    [duration(3725), "1h 2m"],
    [plural(1, "lead", "leads"), "1 lead"],
    [plural(2000, "lead", "leads"), "2,000 leads"],
    [ago("2026-11-24T08:00:00Z", Date.parse("2026-11-27T08:00:00Z")), "3 days ago"],
    [ago("not a date"), ""],
    [sentence("Company: شركة النور, ش: 36 of 159 won"), "Company: \u2068شركة النور, ش\u2069: 36 of 159 won"],
    [sentence("Came from Web: 3 of 9 won"), "Came from Web: 3 of 9 won"],
  ])("%s", (got, want) => expect(got).toBe(want));
});

describe("CSV", () => {
  it("quotes what must be and disarms formulas, but leaves negative numbers alone", () => {
    expect(toCsv(["a", "b"], [["=1+1", -3], ['say "x"', null]])).toBe("a,b\r\n'=1+1,-3\r\n\"say \"\"x\"\"\",\r\n");
  });
});
