// SPDX-License-Identifier: Apache-2.0
// Runs before the first paint, so that the page never flashes in the wrong colours. A file of its
// own, because the content policy allows no inline script.
(function () {
  var choice = "system";
  try {
    choice = localStorage.getItem("heatscore.theme") || "system";
  } catch {
    // Storage may be forbidden; the system's choice is used.
  }
  var dark = choice === "dark" ||
    (choice !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";

  // The code of the page that was asked for, which the app would ask for only once it runs itself.
  var known = document.querySelector('meta[name="page-code"]');
  var code = known && (" " + known.content).split(" " + location.pathname + "=")[1];
  if (!code) return;
  code.split(" ")[0].split(",").forEach(function (file) {
    var link = document.createElement("link");
    link.rel = "modulepreload";
    link.crossOrigin = "";
    link.href = file;
    document.head.append(link);
  });
})();
