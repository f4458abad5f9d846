// The forms that are on the page, and whether something in them is not saved.

export const forms = new Set();

/** Whether nothing within `element` would be lost; a form that is not saved draws attention to it. */
export function mayLeave(element) {
  const unsaved = [...forms].find((form) => form.isChanged && element.contains(form.element));
  unsaved?.insist();
  return !unsaved;
}

addEventListener("beforeunload", (event) => {
  if ([...forms].some((form) => form.isChanged)) event.preventDefault();
});
