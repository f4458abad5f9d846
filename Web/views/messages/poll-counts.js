import { api } from "../../server/api.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { Island } from "../common/island.js";

const SOONEST_MS = 5000;
const LATEST_MS = 80_000;

/**
 * How many have voted in a poll that tells it to those who have voted alone. Nobody hears of others' votes there, so it is
 * asked for as long as the poll is on the screen: soon after something has changed, and more rarely the longer nothing has.
 */
export class PollCounts extends Island {
  isSeen = false;
  wait_ms = SOONEST_MS;
  asked_ms = Date.now();

  constructor(properties) {
    super("span");
    const sight = new IntersectionObserver(([entry]) => {
      this.isSeen = entry.isIntersecting;
      this.#plan();
    });
    sight.observe(this.element);
    this.atEnd(() => sight.disconnect());
    this.listen(document, "visibilitychange", () => this.#plan());
    this.update(properties);
  }

  update({ poll }) {
    this.poll = poll;
    this.element.textContent = t("poll.total", { count: poll.total_votes });
  }

  #plan() {
    this.later(Math.max(0, this.asked_ms + this.wait_ms - Date.now()), () => this.#ask());
  }

  async #ask() {
    if (!this.isSeen || document.hidden) return;
    const { poll } = this;
    this.asked_ms = Date.now();
    const now = await api.get(`/polls/${poll.id}`).catch(() => null);
    // What was voted or told meanwhile is newer.
    const isNews = now && this.poll === poll && hasChanged(poll, now);
    this.wait_ms = isNews ? SOONEST_MS : Math.min(LATEST_MS, this.wait_ms * 2);
    this.#plan();
    if (isNews) store.apply("POLL_UPDATE", { poll: now });
  }
}

const told = ({ is_ended, closed_at, options }) =>
  JSON.stringify([is_ended, closed_at, options.map(({ votes }) => votes)]);

const hasChanged = (before, now) => told(before) !== told(now);
