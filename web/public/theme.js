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
})();
