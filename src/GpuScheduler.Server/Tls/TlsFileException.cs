namespace GpuScheduler.Server.Tls;

/// <summary>Certificates cannot be read; the message says which option and why.</summary>
public sealed class TlsFileException(string message) : Exception(message);
