/* transfer-none.c -- replaces transfer.c in builds without libcurl. */
#include "base/error.h"
#include "fetch.h"

RvTransferStatus
rv__transfer (RvFetch *fetch, const char *url, char **problem, GError **error)
{
  rv__error_set (error, RV_ERROR_FILE,
                 "this build cannot download, since it has no libcurl; download %s yourself from %s",
                 fetch->source->file, url);
  return RV_TRANSFER_ABORT;
}
