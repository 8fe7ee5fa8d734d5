/* studio.h -- the studio: Reverie in a browser, on this machine alone unless somebody says otherwise.
 * Layer 8 (studio): public headers only. It never prints, exits or knows signals: `reverie studio` does. */
#ifndef STUDIO_H
#define STUDIO_H

#include <glib.h>

typedef struct {
  const char *folder; /* where pictures are kept; made where it is not there */
  const char *listen; /* an address of this machine's that others reach; NULL: 127.0.0.1 and ::1 alone */
  int port;           /* or the next free one */
  gint64 most_bytes;  /* of a picture that is sent */
  gint64 most_film_bytes;
} StudioOptions;

typedef struct _Studio Studio;

/* studio_new: (transfer full) (nullable): listens, and goes on with what an earlier one has left to do, on the default
 * main context. Where one runs for the folder already, there is nothing to do: NULL without an error, and *address is
 * that one's. studio_address: with its token; also in the folder's .studio/address, for its user alone. */
Studio *studio_new (const StudioOptions *options, char **address, GError **error);
const char *studio_address (const Studio *studio);
/* studio_address_once: (transfer full) (nullable): one that opens the page a single time, within a minute: what others
 * see of it, in a list of programs say, is soon worth nothing. Another call ends the last one's. */
char *studio_address_once (Studio *studio);
void studio_free (Studio *studio);

#endif
