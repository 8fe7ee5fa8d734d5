/* transfer-none.c -- replaces transfer.c in builds without libcurl. */
#include "fetch.h"

RvTransferStatus
rv__transfer (RvFetch *fetch, const char *url, char **problem, GError **error)
{
  g_set_error (error, RV_ERROR, RV_ERROR_FILE,
               "this build cannot download (no libcurl): put %s into place by hand, from %s", fetch->source->file, url);
  return RV_TRANSFER_ABORT;
}
