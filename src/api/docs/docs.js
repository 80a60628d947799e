// Shows /openapi.json. Text only ever goes in as text, so nothing in the description can run.
"use strict";

function el(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) node.setAttribute(name, value);
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

function slug(text) {
  return text.toLowerCase().replace(/[^a-z0-9]+/g, "-");
}

// A schema as someone would write an example of it, with references followed a few levels.
function sketch(spec, schema, depth) {
  if (!schema || depth > 6) return "…";
  if (schema.$ref) {
    const name = schema.$ref.split("/").pop();
    return depth > 3 ? `<${name}>` : sketch(spec, spec.components.schemas[name], depth + 1);
  }
  if (schema.enum) return schema.enum.join(" | ");
  if (schema.oneOf || schema.anyOf) return (schema.oneOf || schema.anyOf).map((s) => sketch(spec, s, depth + 1));
  const type = Array.isArray(schema.type) ? schema.type.join(" | ") : schema.type;
  if (type === "array") return [sketch(spec, schema.items, depth + 1)];
  if (schema.properties) {
    const required = new Set(schema.required || []);
    return Object.fromEntries(Object.entries(schema.properties).map(([key, value]) =>
      [required.has(key) ? key : `${key}?`, sketch(spec, value, depth + 1)]));
  }
  return schema.format ? `${type} (${schema.format})` : type || "any";
}

function parameterRows(spec, parameters) {
  return parameters.map((given) => {
    const p = given.$ref ? spec.components.parameters[given.$ref.split("/").pop()] : given;
    const schema = p.schema || {};
    const words = (schema.items && schema.items.enum) || schema.enum;
    const range = schema.minimum !== undefined ? ` ${schema.minimum} to ${schema.maximum}` : "";
    const otherwise = schema.default !== undefined ? `, otherwise ${schema.default}` : "";
    return el("tr", {}, el("td", {}, el("code", {}, p.name), p.required ? " (required)" : ""), el("td", {}, p.in),
      el("td", {}, (words ? words.join(" | ") : schema.type || "") + range + otherwise), el("td", {}, p.description || ""));
  });
}

function bodyParts(spec, title, content) {
  return Object.entries(content || {}).flatMap(([type, media]) => [
    el("h3", {}, `${title}: ${type}`),
    media.schema ? el("pre", {}, JSON.stringify(sketch(spec, media.schema, 0), null, 2)) : null,
    media.example !== undefined ? el("pre", {}, "Example\n" + JSON.stringify(media.example, null, 2)) : null,
  ]);
}

function operation(spec, method, path, op) {
  const parts = [el("p", {}, op.description || "")];
  if (op.parameters && op.parameters.length) {
    parts.push(el("h3", {}, "Parameters"), el("table", {}, el("tbody", {}, ...parameterRows(spec, op.parameters))));
  }
  if (op.requestBody) parts.push(...bodyParts(spec, "Body", op.requestBody.content));
  parts.push(el("h3", {}, "Answers"), el("table", {}, el("tbody", {}, ...Object.entries(op.responses).map(([status, r]) =>
    el("tr", {}, el("td", {}, el("code", {}, status)), el("td", {}, r.description || ""))))));
  const ok = Object.entries(op.responses).find(([status]) => status[0] === "2");
  if (ok) parts.push(...bodyParts(spec, ok[0], ok[1].content));
  return el("details", { id: op.operationId, "data-find": `${method} ${path} ${op.summary}`.toLowerCase() },
    el("summary", {}, el("span", { class: `method ${method}` }, method.toUpperCase()), el("code", {}, path),
      el("small", {}, op.summary)),
    el("div", {}, ...parts.filter(Boolean)));
}

function show(spec) {
  document.getElementById("version").textContent = spec.info.version;
  document.getElementById("about").textContent = spec.info.description;
  const main = document.getElementById("content");
  for (const tag of spec.tags) {
    const found = [];
    for (const [path, item] of Object.entries(spec.paths)) {
      for (const [method, op] of Object.entries(item)) {
        if (op.tags.includes(tag.name)) found.push(operation(spec, method, path, op));
      }
    }
    if (!found.length) continue;
    const id = `tag-${slug(tag.name)}`;
    document.getElementById("tags").append(el("li", {}, el("a", { href: `#${id}` }, tag.name)));
    main.append(el("section", { "aria-labelledby": id }, el("h2", { id }, tag.name), el("p", {}, tag.description || ""), ...found));
  }
  const wanted = location.hash && document.getElementById(location.hash.slice(1));
  if (wanted) {
    if (wanted.tagName === "DETAILS") wanted.open = true;
    wanted.scrollIntoView();
  }
}

document.getElementById("find").addEventListener("input", (event) => {
  const text = event.target.value.trim().toLowerCase();
  for (const node of document.querySelectorAll("details")) node.hidden = !node.dataset.find.includes(text);
});

fetch("/openapi.json")
  .then((answer) => {
    if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
    return answer.json();
  })
  .then(show)
  .catch((error) => {
    document.getElementById("about").textContent = `The description could not be loaded: ${error.message}`;
  });
