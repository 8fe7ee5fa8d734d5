/* networks.h -- lists networks; downloads and checks them one at a time, on its own thread. Layer 8 (studio). */
#pragma once

#include "pictures.h"

typedef struct _Networks Networks;

/* (transfer full): a new object, without current work. @pictures: borrowed. Free with networks_free(). */
Networks *networks_new (Pictures *pictures);
/* Cancels a download or a check, waits for the end of its thread, and frees all; a partial download stays. @networks
 * may be NULL. */
void networks_free (Networks *networks);

/* Starts the download and then the check of the network @name (nullable). TRUE: started; networks_json() has progress
 * and outcome. G_IO_ERROR_NOT_FOUND: unknown network, or the built-in one; G_IO_ERROR_BUSY: other work is in progress,
 * or REVERIE_OFFLINE is set (not "" or "0"). A network without a source starts, and then fails. */
gboolean networks_get (Networks *networks, const char *name, GError **error);
/* Starts the check of the installed file of the network @name (nullable), its hash and layers. TRUE: started.
 * G_IO_ERROR_NOT_FOUND: unknown or not installed, or the built-in network; G_IO_ERROR_BUSY: other work is in progress.
 */
gboolean networks_check (Networks *networks, const char *name, GError **error);
/* Makes a download or a check end soon, without an error; a partial download stays. Does nothing without such work. */
void networks_stop (Networks *networks);

/* Adds a list @name of the uploaded networks, newest first, and then all others. The network of the current or latest
 * work has its state. Takes the lock. Cannot fail. */
void networks_json (Networks *networks, GString *json, const char *name);
