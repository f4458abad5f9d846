import { h } from "../../dom/element.js";
import { api } from "../../server/api.js";
import { t } from "../../texts/text.js";
import { button, spinner } from "../common/controls.js";
import { Dialog } from "../common/dialog.js";

const PAGE = 100;

/** Who has chosen what in a poll that is not anonymous. */
export function showVoters(poll) {
  const dialog = new Dialog(t("poll.voters"), ({ state }) =>
    poll.options.map((option) => {
      const { voters, hasMore } = state[option.id] ?? {};
      return h(
        "section",
        { key: option.id },
        h("h3", { dir: "auto" }, option.text),
        voters
          ? h(
            "ul",
            { class: "people" },
            voters.map(({ user_id, username, display_name }) =>
              h("li", { key: user_id }, h("span", { dir: "auto" }, display_name ?? username))
            ),
          )
          : spinner(),
        voters?.length === 0 && h("p", { class: "soft" }, t("poll.nobody")),
        hasMore && button(t("more"), () => dialog.attempt(() => load(option)), { kind: "link" }),
      );
    }));
  const load = async (option) => {
    const known = dialog.state[option.id]?.voters ?? [];
    const page = await api.get(`/polls/${poll.id}/options/${option.id}/voters`, {
      limit: PAGE,
      ...(known.length > 0 ? { after: known.at(-1).user_id } : {}),
    });
    dialog.set({ [option.id]: { voters: [...known, ...page], hasMore: page.length === PAGE } });
  };
  dialog.attempt(() => Promise.all(poll.options.map(load)));
}
