/* dreams.c -- the settings of the kind "dreams": those of a dream's job besides the dream itself. */
#include "job/dream/dreams.h"
#include "base/settings.h"

#define FIELD(f) offsetof (RvDreamsOptions, f)

const RvOption rv__dreams_rows[] = {
  { "compare", 0, RV_OPTION_TEXT, FIELD (compare), .unit = "FILE", .help = "also write before and after, side by side",
    .group = "pictures" },
  { "style-weight", 0, RV_OPTION_REAL, FIELD (style_weight), "0.7", 0, 1e3, .unit = "WEIGHT",
    .help = "weight of the style in a step; the objective's is 1" },
  { "blend", 0, RV_OPTION_REAL, FIELD (blend), NULL, 0, 1, .unit = "0..1",
    .help = "frames: fraction of the last result in the next frame, such as 0.85. video: of the last dream [0.85]" },
  { "count", 0, RV_OPTION_INT, FIELD (count), NULL, 0, 999999, .unit = "COUNT",
    .help = "number of frames from one picture; each starts from the previous one" },
  { "zoom", 0, RV_OPTION_REAL, FIELD (zoom), "1", 0.1, 10, .unit = "FACTOR",
    .help = "'count': enlarge from frame to frame" },
  { "rotate", 0, RV_OPTION_REAL, FIELD (rotate), "0", -180, 180, .unit = "DEGREES",
    .help = "'count': rotate clockwise from frame to frame" },
  { "diversity", 0, RV_OPTION_INT, FIELD (diversity), "1", 1, 64, .unit = "COUNT",
    .help = "'init' noise: number of variants on one sheet, each made to differ from those before" },
  { "diversity-weight", 0, RV_OPTION_REAL, FIELD (diversity_weight), "0.5", 0, 1e3, .unit = "WEIGHT",
    .help = "weight of the difference in a step; the objective's is 1" },
  { "atlas", 0, RV_OPTION_TEXT, FIELD (atlas), .unit = "LAYER",
    .help = "draw what maximises each channel of a layer, on one sheet, instead of a picture" },
  { "test-pattern", 0, RV_OPTION_BOOL, FIELD (test_pattern),
    .help = "dream on a colour gradient of 400 x 400 px instead of a picture" },
  { NULL },
};

const RvDreamsOptions *
rv__dreams_options (const RvJobRequest *request)
{
  return request->kind_settings->fields;
}

const RvSettingsClass rv__settings_dreams = {
  .kind = "dreams", .command = "dream", .table = rv__dreams_rows, .size = sizeof (RvDreamsOptions)
};
