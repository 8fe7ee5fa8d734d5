/* ffmpeg.c -- videos that ffmpeg reads and writes: all other formats. */
#include "io/video/ffmpeg.h"

const RvVideoFormat rv__video_ffmpeg = {
  .probe = rv__ffmpeg_probe,
  .open = rv__ffmpeg_open,
  .next = rv__ffmpeg_next,
  .close = rv__ffmpeg_close,
  .check_target = rv__ffmpeg_check_target,
  .fit_size = rv__ffmpeg_fit_size,
  .create = rv__ffmpeg_create,
  .add = rv__ffmpeg_add,
  .trim_sound = rv__ffmpeg_trim_sound,
  .finish = rv__ffmpeg_finish,
  .discard = rv__ffmpeg_discard,
  .comment = rv__ffmpeg_comment,
};
