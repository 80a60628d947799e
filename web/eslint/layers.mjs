// SPDX-License-Identifier: Apache-2.0
// Imports go one way: app -> pages -> features -> ui -> lib, and features never import each other.
// testing may import what it likes and only tests may import it.
import path from "node:path";

const ROWS = ["lib", "ui", "features", "pages", "app"];

/** The layer and feature of a path below src/, or null for anything else. */
function place(file) {
  const parts = file.split(path.sep).join("/").split("/src/");
  if (parts.length < 2) return null;
  const [layer, feature] = parts[parts.length - 1].split("/");
  return { layer, feature: layer === "features" ? feature : undefined };
}

function fault(from, to, fromTest) {
  if (to.layer === "testing") return fromTest || from.layer === "testing" ? null : "only tests may import testing";
  if (from.layer === "testing") return null;
  const a = ROWS.indexOf(from.layer);
  const b = ROWS.indexOf(to.layer);
  if (a < 0 || b < 0) return `src/${a < 0 ? from.layer : to.layer} is no layer`;
  if (b > a && !fromTest) return `${from.layer} may not import ${to.layer}`;
  if (from.layer === "features" && to.layer === "features" && from.feature !== to.feature)
    return `feature ${from.feature} may not import feature ${to.feature}: let a page put them together`;
  return null;
}

export default {
  meta: { type: "problem", schema: [], docs: { description: "imports follow the layers" } },
  create(context) {
    const from = place(context.filename);
    if (!from) return {};
    const fromTest = /\.test\.tsx?$/.test(context.filename);
    function check(node) {
      const name = node.source?.value;
      if (typeof name !== "string") return;
      let target;
      if (name.startsWith("@/")) target = `/src/${name.slice(2)}`;
      else if (name.startsWith(".")) target = path.resolve(path.dirname(context.filename), name);
      else return;
      const to = place(target);
      const message = to && fault(from, to, fromTest);
      if (message) context.report({ node, message });
    }
    return {
      ImportDeclaration: check,
      ImportExpression: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
    };
  },
};
