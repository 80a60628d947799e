// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { anchorFor, firstPage, PAGE } from "./useLeadRows";
import { barAt, MAX_PX, moved, rowsAt } from "./useScaledScroll";

const small = { rows: 44_000, bar: 44_000, view: 800 };
const million = { rows: 44_000_000, bar: MAX_PX, view: 800 };

describe("the scaled scroll bar", () => {
  it("is the plain one while everything fits", () => {
    expect(rowsAt(small, 1234)).toBe(1234);
    expect(moved(small, 0, 0, 40_000)).toBe(40_000);
  });

  it("reaches the first and the last row of a million exactly", () => {
    expect(rowsAt(million, 0)).toBe(0);
    expect(rowsAt(million, MAX_PX - 800)).toBe(44_000_000 - 800);
    expect(moved(million, 500, 300, 0)).toBe(0);
  });

  it("moves rows by the pixels of a wheel, and far by their share", () => {
    expect(moved(million, 1_000_000, 272_727, 272_847)).toBe(1_000_120);
    const half = (MAX_PX - 800) / 2;
    expect(moved(million, 0, 0, half)).toBeCloseTo((44_000_000 - 800) / 2);
  });

  it("puts the bar where the rows are", () => {
    for (const v of [0, 1, 1_000_000, 43_999_200]) expect(rowsAt(million, barAt(million, v))).toBeCloseTo(v, 3);
  });
});

describe("where a far jump anchors", () => {
  it.each([
    [500_000, 1_000_000, 499_988],
    [10, 1_000_000, 0],
    [999_990, 1_000_000, 999_950],
    [40, 60, 10],
    [5, 0, 0],
  ])("row %i of %i: from %i, so that one page has all on screen", (first, total, anchor) => {
    expect(anchorFor(first, total)).toBe(anchor);
    expect(anchor + firstPage()).toBeGreaterThanOrEqual(Math.min(total, first + 30));
  });

  it("on the way up it has more above", () => {
    expect(anchorFor(500_000, 1_000_000, true)).toBe(500_000 - 0.6 * PAGE);
  });
});
