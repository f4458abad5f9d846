import { h } from "../../dom/element.js";
import { reactionEmoji } from "../../markdown/custom-emoji.js";
import { closePoll, vote } from "../../server/messages.js";
import { inChannel, isSilenced } from "../../store/permissions.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { relativeTime } from "../../texts/time.js";
import { button } from "../common/controls.js";
import { attempt, confirm } from "../common/dialog.js";
import { icon } from "../common/icons.js";
import { onDemand } from "../common/on-demand.js";
import { serverNow } from "../../kernel/clock.js";
import { PollCounts } from "./poll-counts.js";

/** A question with its answers; pressing one votes, pressing it again takes the vote back. */
export function renderPoll(poll, message) {
  const isOver = poll.is_ended || poll.closed_at !== null || poll.ends_at * 1000 <= serverNow();
  const own = poll.options.filter((option) => option.me).map((option) => option.id);
  const choose = (id) => {
    const options = own.includes(id) ? own.filter((other) => other !== id) : poll.multiple ? [...own, id] : [id];
    attempt(() => vote(poll, options));
  };
  return h(
    "section",
    { class: "poll", "aria-label": t("poll") },
    h("p", { class: "poll-question", dir: "auto" }, icon("poll", { size: 18 }), poll.question),
    h("ul", null, poll.options.map((option) => renderOption(option, poll, isOver, choose))),
    renderFacts(poll, message, isOver),
  );
}

function renderOption(option, poll, isOver, choose) {
  const isKnown = option.votes !== null;
  const share = isKnown && poll.total_votes > 0 ? option.votes / poll.total_votes : 0;
  const most = Math.max(1, ...poll.options.map(({ votes }) => votes ?? 0));
  const classes = ["poll-option", option.me && "own", isOver && isKnown && option.votes === most && "winner"];
  return h(
    "li",
    { key: option.id },
    h(
      "button",
      {
        type: "button",
        class: classes.filter(Boolean).join(" "),
        "aria-pressed": String(option.me === true),
        disabled: isOver,
        style: { "--share": `${Math.round(share * 100)}%` },
        onclick: () => choose(option.id),
      },
      option.emoji && h("span", { class: "poll-emoji" }, reactionEmoji(option.emoji, { state: store.state })),
      h("span", { class: "grow", dir: "auto" }, option.text),
      option.me && icon("check", { size: 16 }),
      isKnown && h(
        "span",
        { class: "poll-votes" },
        t("poll.votes", { count: option.votes }),
        ` · ${Math.round(share * 100)} %`,
      ),
    ),
  );
}

async function askToClose(poll) {
  if (await confirm(t("poll.close-question"), t("poll.close-text"), { action: t("poll.close") })) {
    await attempt(() => closePoll(poll));
  }
}

/** How it stands, and what can be known of it. */
function renderFacts(poll, message, isOver) {
  const channel = store.state.channels.get(message.channel_id);
  const mayClose = !isOver &&
    !isSilenced(store.state, channel?.server_id) &&
    (poll.author_id === store.state.me.id || inChannel(store.state, channel).has("messages.manage"));
  const isKnown = poll.total_votes !== null;
  const facts = [
    isOver ? t("poll.over") : t("poll.ends", { time: relativeTime(poll.ends_at * 1000) }),
    poll.multiple && t("poll.multiple"),
    !poll.anonymous && t("poll.open"),
  ];
  return h(
    "p",
    { class: "soft" },
    isKnown ? renderTotal(poll, isOver) : t(`poll.hidden.${poll.results_visibility}`),
    ` · ${facts.filter(Boolean).join(" · ")}`,
    !poll.anonymous && isKnown && poll.total_votes > 0 &&
      button(t("poll.voters"), () => onDemand.showVoters(poll), { kind: "link" }),
    mayClose && button(t("poll.close"), () => askToClose(poll), { kind: "link" }),
  );
}

/** How many have voted. Where others' votes are not told to everybody, it is looked up. */
const renderTotal = (poll, isOver) =>
  poll.results_visibility === "after_vote" && !isOver
    ? h(PollCounts, { key: "counts", poll })
    : t("poll.total", { count: poll.total_votes });
