import { h } from "../../dom/element.js";
import { View } from "../common/view.js";
import { canTakeBack } from "../../server/outbox.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { button } from "../common/controls.js";
import { icon } from "../common/icons.js";
import { Island } from "../common/island.js";
import { explainUpload } from "../composer/explain-upload.js";

/** The files that a message waits for, and how far they are. */
export class PendingFiles extends Island {
  constructor(properties) {
    super("div", "pending-files");
    this.properties = properties;
    const topics = properties.item.files.map((key) => `upload:${key}`);
    this.view = this.own(new View(this.element, () => topics, () => this.#describe()));
  }

  update(properties) {
    this.properties = properties;
    this.view.render();
  }

  #describe() {
    const { item, oncancel } = this.properties;
    const uploads = item.files.map((key) => store.state.uploads.get(key)).filter(Boolean);
    const isWaiting = item.state === "waiting" && canTakeBack(item);
    return [
      h("ul", { key: "files" }, uploads.map(renderUpload)),
      isWaiting && button(t("cancel"), oncancel, { key: "cancel", kind: "link" }),
    ];
  }
}

const renderUpload = (upload) =>
  h(
    "li",
    { key: upload.key },
    icon(upload.attachment ? "check" : "file", { size: 16 }),
    h("bdi", null, upload.file.name),
    upload.isUploading &&
      h("progress", { max: 1, value: upload.share, "aria-label": t("upload.of", { name: upload.file.name }) }),
    upload.error && h("span", { class: "error" }, explainUpload(upload.error)),
  );
