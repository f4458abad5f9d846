import { h } from "../../dom/element.js";
import { closePoll, vote } from "../../server/messages.js";
import { inChannel, isSilenced } from "../../store/permissions.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { relativeTime } from "../../texts/time.js";
import { button } from "../common/controls.js";
import { attempt } from "../common/dialog.js";
import { icon } from "../common/icons.js";
import { serverNow } from "../../kernel/clock.js";

/** A question with its answers; pressing one votes, pressing it again takes the vote back. */
export function renderPoll(poll, message) {
  const isOver = poll.closed_at !== null || poll.ends_at * 1000 <= serverNow();
  const own = poll.options.filter((option) => option.me).map((option) => option.id);
  const most = Math.max(1, ...poll.options.map((option) => option.votes));
  const choose = (id) => {
    const options = own.includes(id) ? own.filter((other) => other !== id) : poll.multiple ? [...own, id] : [id];
    attempt(() => vote(poll, options));
  };
  const channel = store.state.channels.get(message.channel_id);
  const mayClose = !isOver &&
    !isSilenced(store.state, channel?.server_id) &&
    (poll.author_id === store.state.me.id || inChannel(store.state, channel).has("messages.manage"));
  return h(
    "section",
    { class: "poll", "aria-label": t("poll") },
    h("p", { class: "poll-question", dir: "auto" }, icon("poll", { size: 18 }), poll.question),
    h(
      "ul",
      null,
      poll.options.map((option) => {
        const share = poll.total_votes > 0 ? option.votes / poll.total_votes : 0;
        return h(
          "li",
          { key: option.id },
          h(
            "button",
            {
              type: "button",
              class: `poll-option${option.me ? " own" : ""}${
                isOver && option.votes === most && option.votes > 0 ? " winner" : ""
              }`,
              "aria-pressed": String(option.me === true),
              disabled: isOver,
              style: { "--share": `${Math.round(share * 100)}%` },
              onclick: () => choose(option.id),
            },
            h("span", { dir: "auto" }, option.text),
            option.me && icon("check", { size: 16 }),
            h(
              "span",
              { class: "poll-votes" },
              t("poll.votes", { count: option.votes }),
              ` · ${Math.round(share * 100)} %`,
            ),
          ),
        );
      }),
    ),
    h(
      "p",
      { class: "soft" },
      t("poll.total", { count: poll.total_votes }),
      " · ",
      isOver ? t("poll.over") : t("poll.ends", { time: relativeTime(poll.ends_at * 1000) }),
      poll.multiple && ` · ${t("poll.multiple")}`,
      mayClose && button(t("poll.close"), () => attempt(() => closePoll(poll)), { kind: "link" }),
    ),
  );
}
