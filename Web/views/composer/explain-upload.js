import { explain, t } from "../../texts/text.js";
import { fileSize, shortMoment } from "../../texts/time.js";

/** Why a file could not be uploaded. */
export function explainUpload(error) {
  if (error.status === 429 && error.retryAt_ms) return t("error.file-limit", { time: shortMoment(error.retryAt_ms) });
  if (error.message === "Empty file") return t("error.file-empty");
  if (error.message === "File lost") return t("upload.lost");
  if (error.message === "File too large" && error.body?.limit) {
    return t("error.file-size-limit", { limit: fileSize(error.body.limit) });
  }
  return explain(error);
}
