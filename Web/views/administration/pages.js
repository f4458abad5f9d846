import { h } from "../../dom/element.js";
import { t } from "../../texts/text.js";
import { PagedSection } from "../settings/pages.js";

/** A list of the operator's. */
export class OperatorList extends PagedSection {
  isSearched = false;

  get search() {
    return this.isSearched ? { id: "admin-search", label: t("search"), parameter: "q" } : null;
  }

  none() {
    return h("p", { class: "soft" }, t("admin.none"));
  }
}
