import { api } from "../../server/api.js";
import { store } from "../../store/store.js";
import { StickerShelf } from "../settings/sticker-shelf.js";

/** The stickers of a server. */
export class StickersSection extends StickerShelf {
  topics() {
    return [`server:${this.properties.serverID}`];
  }

  get path() {
    return `/servers/${this.properties.serverID}/stickers`;
  }

  get stickers() {
    return store.state.servers.get(this.properties.serverID)?.stickers ?? [];
  }

  keep(make) {
    const { serverID } = this.properties;
    store.apply("GUILD_STICKERS_UPDATE", { server_id: serverID, stickers: make(this.stickers) });
  }

  change(sticker, values) {
    return api.patch(`${this.path}/${sticker.id}`, values);
  }
}
