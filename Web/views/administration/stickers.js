import { api } from "../../server/api.js";
import { StickerShelf } from "../settings/sticker-shelf.js";

/** The stickers that everybody may send. */
export class StickersSection extends StickerShelf {
  async load() {
    this.state.all = await api.get(this.path);
  }

  get path() {
    return "/admin/stickers";
  }

  get stickers() {
    return this.state.all;
  }

  keep(make) {
    this.state.all = make(this.state.all);
  }
}
