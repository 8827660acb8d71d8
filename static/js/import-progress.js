// A form[data-goes-on] sends itself: each answer is the next step of the same work.
for (const form of document.querySelectorAll("form[data-goes-on]")) form.requestSubmit();
