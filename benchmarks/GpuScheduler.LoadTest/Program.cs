Console.WriteLine("GpuScheduler.LoadTest");
