import { api } from "../../server/api.js";
import { acceptRequest, endRelationship } from "../../server/notifications.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { button } from "../common/controls.js";
import { attempt } from "../common/dialog.js";

/** The button that fits how one stands to a person. */
export function relation(userID) {
  const relationship = store.state.relationships.get(userID);
  const remove = () => attempt(() => endRelationship(userID));
  switch (relationship?.status) {
    case "friend":
      return null;
    case "pending_incoming":
      return [
        button(t("friends.accept"), () => attempt(() => acceptRequest(userID)), { kind: "primary" }),
        button(t("friends.decline"), remove),
      ];
    case "pending_outgoing":
      return button(t("friends.cancel"), remove);
    case "blocked":
      return button(t("unblock"), remove);
    default:
      return button(
        t("friends.add"),
        () =>
          attempt(async () => store.apply("RELATIONSHIP_ADD", await api.post("/relationships", { user_id: userID }))),
      );
  }
}
