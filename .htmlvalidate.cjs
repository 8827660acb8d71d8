// What tests/test_html.py holds every page against.
module.exports = {
  root: true,
  extends: ["html-validate:recommended"],
  rules: {
    "heading-level": ["error", { minInitialRank: "h2" }], // a summary of errors stands above the h1
    "form-dup-name": ["error", { shared: ["radio", "checkbox", "submit"] }], // several values of one filter
    "aria-label-misuse": ["error", { allowAnyNamable: true }], // a list may have a name
    "long-title": "off", // a title names all choices of the visitor
    "no-trailing-whitespace": "off", // what template tags leave; it is compressed away
  },
};
