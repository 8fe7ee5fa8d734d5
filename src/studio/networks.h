/* networks.h -- lists networks; downloads and checks them one at a time, on its own thread.
 * Layer 8 (studio). */
#ifndef STUDIO_NETWORKS_H
#define STUDIO_NETWORKS_H

#include <gio/gio.h>

typedef struct _Networks Networks;

Networks *networks_new (void);
/* Stops current work; a partial download stays for the next time. */
void networks_free (Networks *networks);

/* Starts the download and check of a network. G_IO_ERROR_NOT_FOUND: unknown network; G_IO_ERROR_BUSY: other work is in
 * progress. */
gboolean networks_get (Networks *networks, const char *name, GError **error);
/* Starts the check of a file that is here: its hash if it is published. Errors as networks_get(). */
gboolean networks_check (Networks *networks, const char *name, GError **error);
/* Makes current work end soon; a partial download stays. */
void networks_stop (Networks *networks);

/* Adds a list of all networks, with progress of current work. */
void networks_json (Networks *networks, GString *json, const char *name);

#endif
